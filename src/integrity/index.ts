export { RecountLoop } from './recount-loop.js';
export { IntegrityModule } from './integrity.module.js';
export { IntegrityRepository } from './integrity.repository.js';
export { type DatabaseReport, IntegrityService } from './integrity.service.js';
