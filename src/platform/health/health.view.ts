import { ApiProperty, getSchemaPath } from '@nestjs/swagger';

/** The state of one thing that the service needs. */
export class IndicatorView {
  /** @example "up" */
  status!: string;
}

const INDICATORS = { type: 'object', additionalProperties: { $ref: getSchemaPath(IndicatorView) } } as const;

/** The state of the service. */
export class HealthView {
  /** @example "ok" */
  status!: string;
  /** What is up, by name. */
  @ApiProperty(INDICATORS)
  info!: Record<string, IndicatorView>;
  /** What is down, by name. */
  @ApiProperty(INDICATORS)
  error!: Record<string, IndicatorView>;
  /** All of it, by name. */
  @ApiProperty(INDICATORS)
  details!: Record<string, IndicatorView>;
}

/** The answer of a healthy service, with what it needs. */
export function toHealth(up: Record<string, IndicatorView>): HealthView {
  return { status: 'ok', info: up, error: {}, details: up };
}
