export type Environment = Readonly<Record<string, string | undefined>>;

/** One variable of the environment: its name, and how its text becomes a value. */
export interface ConfigField<Value> {
  readonly variable: string;
  readonly fallback: Value;
  /** The value of a text. Throws an Error whose message completes "NAME must be …". */
  parse(text: string): Value;
}

export type ConfigFields = Readonly<Record<string, ConfigField<unknown>>>;
export type ConfigOf<Fields extends ConfigFields> = {
  readonly [Key in keyof Fields]: Fields[Key] extends ConfigField<infer Value> ? Value : never;
};

/** Every bad variable, each with the reason: one message for all of them. */
export class ConfigError extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(`Bad configuration: ${reasons.join('; ')}`);
    this.name = 'ConfigError';
  }
}

/** Reads `fields` from the environment, frozen. Throws one ConfigError that names every bad variable. */
export function readConfig<Fields extends ConfigFields>(fields: Fields, environment: Environment): ConfigOf<Fields> {
  const reasons: string[] = [];
  const config = Object.entries(fields).map(([key, field]) => {
    const text = environment[field.variable]?.trim();
    if (text === undefined || text === '') return [key, field.fallback];
    try {
      return [key, field.parse(text)];
    } catch (error) {
      reasons.push(`${field.variable} must be ${(error as Error).message}`);
      return [key, field.fallback];
    }
  });
  if (reasons.length > 0) throw new ConfigError(reasons);
  return Object.freeze(Object.fromEntries(config)) as ConfigOf<Fields>;
}

export function integer(variable: string, limits: { fallback: number; min: number; max: number }): ConfigField<number> {
  return {
    variable,
    fallback: limits.fallback,
    parse(text) {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= limits.min && value <= limits.max) return value;
      throw new Error(`a whole number from ${limits.min} to ${limits.max}`);
    },
  };
}

export function oneOf<Value extends string>(
  variable: string,
  values: readonly Value[],
  fallback: NoInfer<Value>,
): ConfigField<Value> {
  return {
    variable,
    fallback,
    parse(text) {
      const value = values.find((candidate) => candidate === text);
      if (value !== undefined) return value;
      throw new Error(`one of ${values.join(', ')}`);
    },
  };
}

/** A text that `pattern` matches; `description` completes "NAME must be …". */
export function text<Fallback extends string | undefined>(
  variable: string,
  pattern: RegExp,
  description: string,
  fallback: Fallback,
): ConfigField<string | Fallback> {
  return {
    variable,
    fallback,
    parse(value) {
      if (pattern.test(value)) return value;
      throw new Error(description);
    },
  };
}
