/** Tells the process that has started Stryker how many changes there are, and of each that it is tested. */
class TellProgress {
  onMutationTestingPlanReady({ mutantPlans }) {
    process.send?.({ total: mutantPlans.length });
  }

  onMutantTested() {
    process.send?.({ tested: 1 });
  }
}

export const strykerPlugins = [{ kind: 'Reporter', name: 'tell-progress', injectableClass: TellProgress }];
