import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { ID_PATTERN } from '../../common/http/validators.js';

const EVENTS_MAX = 100;
export const IDS_MESSAGE = `eventIds must be 1 to ${EVENTS_MAX} ids of 24 hex digits, separated by commas`;

/** Which events to follow. */
export class FollowEventsQuery {
  @ValidateBy({
    name: 'isIds',
    validator: {
      validate: (value) => typeof value === 'string' && areIds(value.split(',')),
      defaultMessage: () => IDS_MESSAGE,
    },
  })
  @ApiProperty({
    description: `1 to ${EVENTS_MAX} ids, separated by commas.`,
    pattern: `^[0-9a-fA-F]{24}(,[0-9a-fA-F]{24}){0,${EVENTS_MAX - 1}}$`,
    example: '67841f2a3b4c5d6e7f809100',
  })
  eventIds!: string;
}

/** The ids, each once. */
export function idsOf({ eventIds }: FollowEventsQuery): string[] {
  return [...new Set(eventIds.toLowerCase().split(','))];
}

function areIds(ids: readonly string[]): boolean {
  return ids.length <= EVENTS_MAX && ids.every((id) => ID_PATTERN.test(id));
}
