import type { ApiResponseOptions } from '@nestjs/swagger';

type Headers = NonNullable<ApiResponseOptions['headers']>;

export const CREATED_HEADERS: Headers = {
  Location: { description: 'The path of the new resource.', schema: { type: 'string' } },
};

export const ETAG_HEADER: Headers = {
  ETag: {
    description: 'The state of the event: `"<version>-<revision>"`.',
    schema: { type: 'string', example: '"1-1"' },
  },
};

export const PAGE_HEADERS: Headers = {
  Link: { description: 'The next page, as `rel="next"`; absent at the end.', schema: { type: 'string' } },
};
