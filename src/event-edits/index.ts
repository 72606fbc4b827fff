export { EventEditsModule } from './event-edits.module.js';
