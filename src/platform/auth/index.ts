export { type ApiKey, type Scope, SCOPES } from './api-key.js';
export { apiKeysCollection, ApiKeysRepository } from './api-keys.repository.js';
export { ApiKeysService } from './api-keys.service.js';
export { authConfig } from './auth.config.js';
export { assertHasScopes } from './auth.problems.js';
export { AuthModule } from './auth.module.js';
export { ANYBODY, type Caller, maySee, scopeToCaller } from './caller.js';
export { callerOf, Callers } from './callers.js';
export { accessTo, ForEverybody, ForScopes } from './scopes.decorator.js';
