export { type Event, type EventStatus, type Price, type Section } from './event.js';
export { eventsMigrations } from './events.migrations.js';
export { EventsModule } from './events.module.js';
export { eventNotFound } from './events.problems.js';
export {
  applyMovement,
  type Changes,
  type Movement,
  MOVEMENT_EFFECTS,
  type MovementKind,
  type MovementLine,
  sumLines,
} from './inventory/movement.js';
export { PriceView } from './dto/event.view.js';
export { TicketInventoryRepository } from './inventory/ticket-inventory.repository.js';
