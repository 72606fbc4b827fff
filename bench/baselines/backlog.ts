/** Connections that may wait to be accepted: as many as the product lets wait. */
export const BACKLOG = 4_096;
