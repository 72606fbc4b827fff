export { DueTickets } from './due-tickets.js';
export { type Event, type EventStatus, type Price, type Section } from './event.js';
export { eventsCollections } from './events.collections.js';
export { EventsModule } from './events.module.js';
export { eventNotFound } from './events.problems.js';
export {
  applyMovement,
  type EventChanges,
  type Movement,
  MOVEMENT_EFFECTS,
  type MovementKind,
  type MovementLine,
  sumLines,
} from './inventory/movement.js';
export { PriceView } from './dto/event.view.js';
export { type InventoryBooks, readInventory, movedFor, type StoredPool } from './inventory/inventory.recount.js';
export type { CountedPool, Difference, RecountSource, UserTicketsSource } from './inventory/recount-source.js';
export { TicketInventoryRepository } from './inventory/ticket-inventory.repository.js';
