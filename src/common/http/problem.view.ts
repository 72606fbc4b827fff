import { ApiProperty } from '@nestjs/swagger';

/** One invalid member of the request. */
export class ProblemDetailView {
  /**
   * A JSON Pointer to the member, as a URI fragment.
   * @example "#/quantity"
   */
  pointer!: string;
  /** @example "quantity must not be less than 1" */
  message!: string;
}

/** A failure: problem details (RFC 9457), with `success` and `message` beside them. */
export class ProblemView {
  /** The kind of problem, as a URI. */
  type!: string;
  /** The same for every problem of this kind. */
  title!: string;
  /** The HTTP status. */
  @ApiProperty({ minimum: 400, maximum: 599 })
  status!: number;
  /** What is specific to this occurrence. */
  detail!: string;
  /** The path of the request. */
  instance!: string;
  /** The kind of problem, for programs; never changes. */
  code!: string;
  /** The id of this request in the server's log. */
  requestId!: string;
  /** The id of this request's trace, where the server traces requests. */
  traceId?: string;
  /** The invalid members of the request, if there are any. */
  errors?: ProblemDetailView[];
  /** Always false. */
  success!: boolean;
  /** A sentence for people. */
  message!: string;
}
