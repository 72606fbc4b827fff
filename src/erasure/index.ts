export { ErasureModule } from './erasure.module.js';
export { erasuresCollection } from './store/erasure.schema.js';
