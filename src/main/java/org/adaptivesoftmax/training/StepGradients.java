package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * The loss's gradient with respect to every trained variable of a language model.
 *
 * @param rows the embedding's, by row; null if it does not learn
 * @param variables all others
 * @param dense the gradient of each of them
 */
record StepGradients(
    LazyAdam.@Nullable RowGradients rows,
    List<Variable<TFloat32>> variables,
    List<Operand<TFloat32>> dense) {
  /** Every gradient. */
  List<Operand<TFloat32>> all() {
    List<Operand<TFloat32>> all = new ArrayList<>(dense);
    if (rows != null) {
      all.add(rows.values());
    }
    return all;
  }

  /** Of the variables, only some. */
  StepGradients where(Predicate<Variable<TFloat32>> chosen) {
    List<Variable<TFloat32>> kept = new ArrayList<>();
    List<Operand<TFloat32>> theirs = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      if (chosen.test(variables.get(i))) {
        kept.add(variables.get(i));
        theirs.add(dense.get(i));
      }
    }
    return new StepGradients(rows, kept, theirs);
  }

  /** These, and those of more variables. */
  StepGradients with(List<Variable<TFloat32>> more, List<Operand<TFloat32>> theirs) {
    List<Variable<TFloat32>> all = new ArrayList<>(variables);
    List<Operand<TFloat32>> gradients = new ArrayList<>(dense);
    all.addAll(more);
    gradients.addAll(theirs);
    return new StepGradients(rows, all, gradients);
  }

  /** The means over all replicas of the dense gradients, and last of the loss. */
  List<Operand<TFloat32>> meansWith(Ops tf, Exchange exchange, Operand<TFloat32> loss) {
    List<Operand<TFloat32>> tensors = new ArrayList<>(dense);
    tensors.add(loss);
    List<Shape> shapes = new ArrayList<>();
    variables.forEach(variable -> shapes.add(variable.shape()));
    shapes.add(Shape.scalar());
    return exchange.means(tf, tensors, shapes);
  }

  /**
   * The mean gradients.
   *
   * @param means of the dense ones, and more
   * @param most rows that a replica can have
   */
  StepGradients exchanged(Ops tf, Exchange exchange, List<Operand<TFloat32>> means, int most) {
    return new StepGradients(
        rows == null ? null : exchange.meanRows(tf, rows, most),
        variables,
        means.subList(0, dense.size()));
  }
}
