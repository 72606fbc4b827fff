import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { invalidInput, type Problem, type ProblemDetail } from '../problem.js';

/** The pipe that every request passes: unknown members are refused and nothing is coerced. */
export function inputPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors): Problem => invalidInput(errors.flatMap((error) => describe(error, '#'))),
  });
}

function describe(error: ValidationError, parent: string): ProblemDetail[] {
  const pointer = `${parent}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    pointer,
    message: rule === 'whitelistValidation' ? `${error.property} is not a field of this request` : message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => describe(child, pointer))];
}
