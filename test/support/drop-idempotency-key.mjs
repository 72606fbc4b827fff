import { Server } from 'node:http';

/** Preloaded with `node --import`: a server that never sees a request's key, and so takes each repetition for a new one. */
const { emit } = Server.prototype;
Server.prototype.emit = function (event, request, ...rest) {
  if (event === 'request') delete request.headers['idempotency-key'];
  return emit.call(this, event, request, ...rest);
};
