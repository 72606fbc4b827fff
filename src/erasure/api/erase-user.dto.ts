import { IsUserId } from '../../common/http/validators.js';

export class EraseUserDto {
  /**
   * The user, as the shop named them.
   * @example "user456"
   */
  @IsUserId()
  userId!: string;
}

export class UserErasedResponse {
  /** @example true */
  success!: boolean;
  /**
   * How many stored documents this call has changed; 0 where the user is not stored.
   * @example 3
   */
  replaced!: number;
  /**
   * Whether the user is stored nowhere any more. Where it is false, call again.
   * @example true
   */
  done!: boolean;
}
