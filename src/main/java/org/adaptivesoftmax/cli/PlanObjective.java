package org.adaptivesoftmax.cli;

import org.adaptivesoftmax.cluster.JointCost;
import org.adaptivesoftmax.cluster.PlanCosts;

/** What a plan is to make cheap. */
enum PlanObjective {
  TRAINING,
  SERVING,
  BOTH;

  /** The costs that are weighed. */
  PlanCosts of(PlanCosts training, PlanCosts serving) {
    return switch (this) {
      case TRAINING -> training;
      case SERVING -> serving;
      case BOTH -> JointCost.of(training, serving);
    };
  }

  /** The costs whose time is reported. */
  PlanCosts timed(PlanCosts training, PlanCosts serving) {
    return this == SERVING ? serving : training;
  }
}
