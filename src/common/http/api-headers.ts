import type { ApiResponseOptions } from '@nestjs/swagger';

type Headers = NonNullable<ApiResponseOptions['headers']>;

export const CREATED_HEADERS: Headers = {
  Location: { description: 'The path of what was made.', schema: { type: 'string' } },
};

export const ETAG_HEADER: Headers = {
  ETag: { description: 'Names this state: `"<version>-<revision>"`.', schema: { type: 'string', example: '"1-1"' } },
};

export const PAGE_HEADERS: Headers = {
  Link: { description: 'The next page, as `rel="next"`; absent at the end.', schema: { type: 'string' } },
};
