import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ForEverybody } from '../platform/auth/index.js';
import { WithoutDatabase } from '../platform/database/index.js';

/** Leads a browser to the documentation. */
@ApiExcludeController()
@WithoutDatabase()
@ForEverybody()
@Controller()
export class RootController {
  @Get()
  @Redirect('/docs', 302)
  toDocs(): void {}
}
