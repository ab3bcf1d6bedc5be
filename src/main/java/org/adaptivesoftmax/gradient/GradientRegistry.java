package org.adaptivesoftmax.gradient;

import java.util.List;
import org.bytedeco.javacpp.LongPointer;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.TFJ_GradFuncAdapter;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.op.RawCustomGradient;

/** TensorFlow's registry of gradients: one per type of op, for the whole process, for good. */
final class GradientRegistry {
  private GradientRegistry() {}

  /**
   * Registers a gradient, unless the type of op has one.
   *
   * @return whether it had none
   * @throws IllegalStateException if the process holds as many gradients as TensorFlow Java can call
   * @throws UnsupportedOperationException on Windows, where TensorFlow Java cannot register gradients
   */
  static synchronized boolean registerIfAbsent(String opType, RawCustomGradient gradient) {
    TensorFlow.version(); // loads the native library, which what follows needs
    if (tensorflow.TFJ_HasGradient(opType)) {
      return false;
    }
    if (!hasRoom()) {
      throw new IllegalStateException(
          "no room for the gradient of %s: other code has registered ten gradients in this process, all that"
                  .formatted(opType)
              + " TensorFlow Java can call");
    }
    return TensorFlow.registerCustomGradient(opType, gradient);
  }

  /**
   * Whether TensorFlow could call another gradient. TensorFlow Java 1.1 registers an eleventh one as it does the others,
   * but its native function, the first word of the callback, is null: the process dies when it is needed.
   */
  private static boolean hasRoom() {
    try (TFJ_GradFuncAdapter callback = RawCustomGradient.adapter((tf, op, grads) -> List.of())) {
      return new LongPointer(callback).get() != 0;
    }
  }
}
