import type { Type } from '@nestjs/common';
import type { Control } from './race.js';

type MethodOf<Provider> = {
  [Name in keyof Provider]: Provider[Name] extends (...parts: never[]) => unknown ? Name : never;
}[keyof Provider];

/**
 * A negative control: the product with one method of a provider replaced. `replace` gets the method of the product,
 * bound to its provider, and the provider itself; it is called once for each instance of the product.
 */
export function without<Provider extends object, Name extends MethodOf<Provider>>(
  what: string,
  provider: Type<Provider>,
  name: Name,
  replace: (method: Provider[Name], provider: Provider) => Provider[Name],
): Control {
  return {
    without: what,
    override: (builder) => builder.overrideProvider(provider).useClass(withMethod(provider, name, replace)),
  };
}

/** Gets its dependencies as the provider does: Nest finds what they are on the class that this one extends. */
function withMethod<Provider extends object, Name extends MethodOf<Provider>>(
  provider: Type<Provider>,
  name: Name,
  replace: (method: Provider[Name], provider: Provider) => Provider[Name],
): Type<Provider> {
  const Base = provider as Type;
  return class extends Base {
    constructor(...parts: unknown[]) {
      super(...parts);
      const self = this as unknown as Provider;
      const method = self[name] as (...parts: unknown[]) => unknown;
      self[name] = replace(method.bind(self) as Provider[Name], self);
    }
  } as Type<Provider>;
}
