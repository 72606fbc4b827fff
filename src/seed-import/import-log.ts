/** Where the takeover says what looks odd. */
export interface ImportLog {
  warn(fields: object, message: string): void;
}
