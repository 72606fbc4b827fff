/** The releases of which a server has to be for something to be stored: earlier ones would misread it. */
export const RELEASES = { holds: 2, waitlist: 3, queue: 4 } as const;
