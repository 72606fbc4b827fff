export { BOOKINGS_CONFIG, bookingsConfig, type BookingsConfig } from './bookings.config.js';
export { bookingChangesCollection, bookingsCollection, userTicketsCollection } from './store/bookings.collections.js';
export { BookingReads } from './booking-reads.js';
export {
  type Accepted,
  type QueuedCommand,
  REQUEST_STATUSES,
  RequestQueue,
  type RequestStatus,
} from './request-queue.js';
export { ACCEPTED, AcceptedResponse, showAccepted } from './api/accepted.view.js';
export { BookingsModule } from './bookings.module.js';
export { type Answered, type LaneState, type OutcomeCount, RecentOutcomes } from './recent-outcomes.js';
export { BookingsService } from './bookings.service.js';
export { bookingsRecount } from './store/bookings.recount.js';
export { userTicketsRecount } from './store/user-tickets.recount.js';
export { CommandRegistry } from './command-registry.js';
// For features that register kinds of commands.
export { asBooked, type Booking, type BookingItem, BOOKINGS, keyName, type Line, quantityOf } from './booking.js';
export type {
  ClosingRule,
  Command,
  CommandKind,
  Decision,
  Done,
  DueRule,
  FreeingRule,
  Known,
  Outcome,
} from './decide/command.js';
export type { Lookup } from './decide/lookup.js';
export { type Draft, findPool } from './decide/draft.js';
export { changesOf, kindOf, type Plan, type PlanListener } from './decide/planner.js';
export { refuse } from './decide/refuse.js';
export { type Table, within } from './decide/table.js';
export { addUserTickets, isCounted, keepsCount, userTicketsLookup } from './decide/user-tickets.js';
export { endEarly } from './end-early.js';
export { type ErasureRule, type ErasureSource, type Erasing, replaceAll } from './decide/erasure-rule.js';
export { erasureLookups, eraseUserTickets } from './decide/user-tickets.js';
export { pickItems } from './decide/pick-items.js';
export { findClosure, findItems, findLimits, findObstacle, waitForQueue, type Wish } from './decide/wish.js';
export type { DocumentStore, StoredChange } from './store/document-store.js';
export { BOOKINGS_OF_USER } from './store/booking.schema.js';
export { type BookingItemRecord, itemsRule, positiveInteger } from './store/booking.schema.js';
export { insertNew } from './store/insert-new.js';
export { DocumentsOfUser } from './store/documents-of-user.js';
export { toAlikeUpdates } from './store/alike-updates.js';
export { fromItemRecord, toItemRecord } from './store/booking.mapper.js';
export { toWanted } from './booking-commands.js';
export { doneHeaders } from './api/done-headers.js';
export { BookDto, BookItemDto, toLines } from './api/book.dto.js';
export { BookedResponse, BookingItemView, BookingView, toBookingView, toItemView } from './api/booking.view.js';
export { USER_TICKETS_SOURCES } from './store/user-tickets.repository.js';
export {
  bookingLimitReached,
  notEnoughTickets,
  notOnSale,
  saleEnded,
  saleNotStarted,
  overloaded,
  queuedAhead,
  sectionNotFound,
  sectionRequired,
  userLimitReached,
} from './bookings.problems.js';
