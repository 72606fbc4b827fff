export { RequestPulse } from './request-pulse.js';
export { BELL_CONFIG, bellConfig } from './bell/bell.config.js';
export { RequestWorker } from './request-worker.js';
export type { QueuedRequest } from './request.js';
export { FailedRequests } from './store/failed-requests.js';
export { RequestsModule } from './requests.module.js';
export { RequestsService } from './requests.service.js';
export { requestsCollection } from './store/requests.collections.js';
export { requestsRecount } from './store/requests.recount.js';
