import type { ApiParamOptions } from '@nestjs/swagger';
import { ID_PATTERN, IsId } from './validators.js';

/** How that part is documented. */
export function apiId(example: string): ApiParamOptions {
  return { name: 'id', schema: { type: 'string', pattern: ID_PATTERN.source, example } };
}

/** The part of a path that names one thing. */
export class IdParam {
  @IsId()
  id!: string;
}
