export { DueTickets } from './due-tickets.js';
export {
  configurationOf,
  type Event,
  type EventStatus,
  EVENT_STATUSES,
  findWindowFaults,
  isDue,
  MAX_CAPACITY,
  MAX_SECTIONS,
  type Price,
  type Queue,
  type Reserved,
  type Section,
  type Waitlist,
} from './event.js';
export type { EventEdit } from './event-edit.js';
export { endedUpTo, etagOf, queueOf } from './event.js';
export { mayBecome } from './event-states.js';
export { type ChangeListener, EventChangesRepository } from './event-changes.repository.js';
export { eventEditsCollection, eventsCollections } from './events.collections.js';
export { EventEditRecord, EventEditSchema, toEdit, toEditRecord } from './schemas/event-edit.schema.js';
export type { WaitlistRecord } from './schemas/event.schema.js';
export { EventsService } from './events.service.js';
export { EventsModule } from './events.module.js';
export { eventNotFound } from './events.problems.js';
export {
  applyMovement,
  capacityLines,
  type EventChanges,
  type Movement,
  MOVEMENT_EFFECTS,
  MOVEMENT_KINDS,
  type MovementKind,
  type MovementLine,
  sumLines,
} from './inventory/movement.js';
export { NAME_LENGTH_MAX } from './dto/create-event.dto.js';
export { EventResponse, PriceView, toEventView } from './dto/event.view.js';
export { isCurrency } from './currencies.js';
export { MAX_AMOUNT } from './dto/price.dto.js';
export { EDIT_BODY_LIMIT_BYTES } from './events.controller.js';
export { type InventoryBooks, readInventory, movedFor, type StoredPool } from './inventory/inventory.recount.js';
export type { CountedPool, Difference, RecountSource, UserTicketsSource } from './inventory/recount-source.js';
export { TicketInventoryRepository } from './inventory/ticket-inventory.repository.js';
