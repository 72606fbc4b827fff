export { Overload } from './overload.js';
export { OverloadModule } from './overload.module.js';
