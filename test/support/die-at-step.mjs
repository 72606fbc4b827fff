import { mongo } from 'mongoose';
import { RequestWorker } from '../../dist/requests/request-worker.js';

/**
 * Preloaded with `node --import`: a process that ends itself, as by kill -9, at a step of deciding what waits in a queue.
 * DIE_AT_STEP says which.
 */
const step = process.env.DIE_AT_STEP;
const die = () => process.kill(process.pid, 'SIGKILL');
const { decideSome, empty } = RequestWorker.prototype;
const { commitTransaction } = mongo.ClientSession.prototype;
let isDeciding = false;

RequestWorker.prototype.empty = function (...args) {
  if (step === 'called') die();
  return empty.apply(this, args);
};

RequestWorker.prototype.decideSome = async function (...args) {
  isDeciding = true;
  const decided = await decideSome.apply(this, args);
  if (step === 'committed') die();
  return decided;
};

mongo.ClientSession.prototype.commitTransaction = function (...args) {
  if (isDeciding && step === 'planned') die();
  const committed = commitTransaction.apply(this, args);
  // By then it has been sent, or is just about to be.
  if (isDeciding && step === 'committing') setImmediate(die);
  return committed;
};
