/** How a subject went through the gate. */
export interface GateResult {
  readonly passed: boolean;
  /** One line for each check that failed. */
  readonly failures: readonly string[];
  /** The same for checks that another project may fail: they do not make its speed meaningless. */
  readonly remarks: readonly string[];
}
