import { IsIn } from 'class-validator';
import { IfPresent } from '../../common/http/validators.js';

export class ExportBookingsQuery {
  /** `true`: the file begins with a byte order mark, without which some spreadsheets do not read UTF-8. */
  @IfPresent()
  @IsIn(['true', 'false'])
  bom?: 'true' | 'false';
}
