import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { invalidInput, malformedBody, type Problem } from '../problem.js';
import { ProblemView } from './problem.view.js';
import { byStatus } from './to-problem.js';

/** What a route with an id in its path may answer. */
export const INVALID_ID = invalidInput([{ pointer: '#/id', message: 'id must be a string of 24 hex digits' }]);

/** What a list may answer. */
export const INVALID_QUERY = invalidInput([
  { pointer: '#/limit', message: 'limit must be a whole number from 1 to 100' },
]);

/** What any route that takes a body may answer. */
export const BODY_PROBLEMS: readonly Problem[] = [
  invalidInput([{ pointer: '#/name', message: 'name must be a string that is not blank' }]),
  malformedBody('The request body is not valid JSON'),
  byStatus(413),
  byStatus(415),
];

const REQUEST_ID = '0f4ad0b8-6b1c-4a5e-9f1e-3f6f2f1c9d1a';

/** Documents the problems that a route may answer, each as an example of its status. */
export function ApiProblems(...problems: readonly Problem[]): MethodDecorator & ClassDecorator {
  const byCode = new Map<number, Problem[]>();
  for (const problem of problems) byCode.set(problem.status, [...(byCode.get(problem.status) ?? []), problem]);
  return applyDecorators(
    ApiExtraModels(ProblemView),
    ...[...byCode].map(([status, ofStatus]) =>
      ApiResponse({
        status,
        description: ofStatus.map((problem) => `\`${problem.code}\`: ${problem.title}.`).join(' '),
        ...(ofStatus.some((problem) => problem.retryAfterSeconds !== undefined) && {
          headers: {
            'Retry-After': { description: 'Whole seconds to wait before the next try.', schema: { type: 'integer' } },
          },
        }),
        content: {
          'application/problem+json': {
            schema: { $ref: getSchemaPath(ProblemView) },
            examples: Object.fromEntries(ofStatus.map((problem) => [problem.code, { value: toExample(problem) }])),
          },
        },
      }),
    ),
  );
}

function toExample(problem: Problem): Record<string, unknown> {
  return problem.toBody('/', REQUEST_ID);
}
