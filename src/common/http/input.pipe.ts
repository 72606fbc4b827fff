import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { invalidInput, type Problem, type ProblemDetail } from '../problem.js';
import { toPointer } from './pointer.js';

/**
 * The pipe that every request passes: unknown members are refused and nothing is coerced. The members of what the
 * pointers in `freeForm` name may have any name.
 */
export function inputPipe(freeForm: readonly string[] = []): ValidationPipe {
  return new InputPipe(freeForm);
}

class InputPipe extends ValidationPipe {
  constructor(private readonly freeForm: readonly string[]) {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      stopAtFirstError: true,
      validationError: { target: false, value: false },
      exceptionFactory: (errors): Problem => invalidInput(errors.flatMap((error) => describe(error, '#'))),
    });
  }

  /** Nest would delete a member with such a name here, and class-transformer skip it or call it: it is refused. */
  protected override stripProtoKeys(value: unknown): void {
    if (!hasInherited(value)) return;
    const errors = this.findInherited(value, '#');
    if (errors.length > 0) throw invalidInput(errors);
  }

  private findInherited(value: unknown, parent: string): ProblemDetail[] {
    if (typeof value !== 'object' || value === null) return [];
    const mayHaveAnyName = this.freeForm.includes(parent);
    return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
      const pointer = toPointer(parent, name);
      const own = isInherited(name) && !mayHaveAnyName ? [unknownMember(name, pointer)] : [];
      return [...own, ...this.findInherited(member, pointer)];
    });
  }
}

/** Whether any member has such a name, wherever it may be allowed. */
function hasInherited(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (const name of Object.keys(value)) {
    if (isInherited(name) || hasInherited((value as Record<string, unknown>)[name])) return true;
  }
  return false;
}

/** Whether every object has a member of this name already. */
function isInherited(name: string): boolean {
  return name in Object.prototype || name === 'prototype';
}

function describe(error: ValidationError, parent: string): ProblemDetail[] {
  const pointer = toPointer(parent, error.property);
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
    rule === 'whitelistValidation' ? unknownMember(error.property, pointer) : { pointer, message },
  );
  return [...own, ...(error.children ?? []).flatMap((child) => describe(child, pointer))];
}

function unknownMember(name: string, pointer: string): ProblemDetail {
  return { pointer, message: `${name} is not a field of this request` };
}
