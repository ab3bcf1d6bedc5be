package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.framework.optimizers.Optimizer.GradAndVar;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** Gradients of float32 variables, with the type that TensorFlow Java forgets, alone or beside their variables. */
final class DenseGradients {
  private DenseGradients() {}

  /** The gradients of a loss, one for each source. */
  @SuppressWarnings("unchecked") // addGradients gives each gradient the type of what it is for.
  static List<Operand<TFloat32>> of(Graph graph, Operand<TFloat32> loss, List<Output<?>> sources) {
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    for (Output<?> gradient :
        graph.addGradients(loss.asOutput(), sources.toArray(new Output<?>[0]))) {
      gradients.add((Output<TFloat32>) gradient);
    }
    return gradients;
  }

  /** Each gradient beside its variable, as the framework takes them. */
  static List<GradAndVar<? extends TType>> paired(
      List<Operand<TFloat32>> gradients, List<Variable<TFloat32>> variables) {
    List<GradAndVar<? extends TType>> pairs = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      pairs.add(new GradAndVar<>(gradients.get(i).asOutput(), variables.get(i).asOutput()));
    }
    return pairs;
  }

  /** The gradients alone. */
  @SuppressWarnings("unchecked") // They were given by paired.
  static List<Operand<TFloat32>> unpaired(List<GradAndVar<? extends TType>> pairs) {
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    for (GradAndVar<? extends TType> pair : pairs) {
      gradients.add((Operand<TFloat32>) pair.getGradient());
    }
    return gradients;
  }
}
