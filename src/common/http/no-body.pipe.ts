import { Injectable, type PipeTransform } from '@nestjs/common';
import { invalidInput } from '../problem.js';
import { toPointer } from './pointer.js';

/** The body of an action: none, or `{}`. Throws `validation_failed` for anything else. */
@Injectable()
export class NoBodyPipe implements PipeTransform<unknown, void> {
  transform(body: unknown): void {
    const members = Object.keys(body ?? {});
    if (members.length === 0) return;
    throw invalidInput(
      members.map((member) => ({ pointer: toPointer('#', member), message: 'this action takes no body' })),
    );
  }
}
