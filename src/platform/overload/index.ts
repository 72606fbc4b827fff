export { Overload } from './overload.js';
