package org.adaptivesoftmax.gradient;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.adaptivesoftmax.TestGraph;
import org.tensorflow.Operand;
import org.tensorflow.TensorFlow;
import org.tensorflow.op.RawCustomGradient;
import org.tensorflow.op.core.IdentityN;
import org.tensorflow.op.nn.SparseSoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TFloat64;

/** What happens in a process of its own; each scenario prints what it saw. */
enum RegistrationScenario {
  NOTHING_REGISTERED {
    @Override
    void run() {
      print(RegistrationScenario::entropyGradient);
    }
  },

  SIXTEEN_THREADS {
    @Override
    void run() throws Exception {
      CountDownLatch start = new CountDownLatch(1);
      ExecutorService pool = Executors.newFixedThreadPool(16);
      List<Future<String>> results = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        results.add(
            pool.submit(
                () -> {
                  start.await();
                  SparseCrossEntropyGradient.register();
                  return entropyGradient();
                }));
      }
      start.countDown();
      for (Future<String> result : results) {
        System.out.println(result.get());
      }
      pool.shutdown();
      SparseCrossEntropyGradient.register();
      System.out.println(registerForEntropy((tf, op, upstream) -> List.of()));
    }
  },

  RIGHT_GRADIENT_OF_OTHERS {
    @Override
    void run() {
      AtomicInteger calls = new AtomicInteger();
      registerForEntropy(scaledGradient(1, calls));
      SparseCrossEntropyGradient.register();
      int before = calls.get();
      print(RegistrationScenario::entropyGradient);
      System.out.println(calls.get() - before);
    }
  },

  WRONG_GRADIENT_OF_OTHERS {
    @Override
    void run() {
      registerForEntropy(scaledGradient(2, new AtomicInteger()));
      print(RegistrationScenario::register);
      print(RegistrationScenario::register);
    }
  },

  FAILING_GRADIENT_OF_OTHERS {
    @Override
    void run() {
      registerForEntropy(
          (tf, op, upstream) -> {
            throw new UnsupportedOperationException("not yet");
          });
      print(RegistrationScenario::register);
    }
  },

  TEN_GRADIENTS_OF_OTHERS {
    @Override
    void run() {
      List<String> ops =
          List.of(
              "Gather",
              "TopKV2",
              "ResourceGather",
              "EnsureShape",
              "Assert",
              "Bincount",
              "Bucketize",
              "Unique",
              "Where",
              "PlaceholderWithDefault");
      for (String op : ops) {
        if (!TensorFlow.registerCustomGradient(op, (tf, operation, upstream) -> List.of())) {
          throw new IllegalStateException(op);
        }
      }
      print(RegistrationScenario::register);
      print(RegistrationScenario::fuse);
    }
  },

  IDENTITY_GRADIENT_OF_OTHERS {
    @Override
    void run() {
      TensorFlow.registerCustomGradient(
          IdentityN.OP_NAME, (tf, op, upstream) -> List.copyOf(upstream));
      print(RegistrationScenario::fuse);
    }
  };

  abstract void run() throws Exception;

  public static void main(String[] arguments) throws Exception {
    valueOf(arguments[0]).run();
  }

  private static void print(Callable<String> step) {
    try {
      System.out.println(step.call());
    } catch (Exception e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private static String register() {
    SparseCrossEntropyGradient.register();
    return "registered";
  }

  private static String fuse() {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat64> x = graph.tf.constant(1.0);
      FusedGradient.define("scenario", (ops, inputs, saved, upstream) -> List.of())
          .apply(graph.tf, List.of(x), List.of(x), List.of());
      return "fused";
    }
  }

  private static boolean registerForEntropy(RawCustomGradient gradient) {
    return TensorFlow.registerCustomGradient(SparseSoftmaxCrossEntropyWithLogits.OP_NAME, gradient);
  }

  @SuppressWarnings("unchecked")
  private static RawCustomGradient scaledGradient(double scale, AtomicInteger calls) {
    return (tf, op, upstream) -> {
      calls.incrementAndGet();
      Operand<TFloat64> byRow = (Operand<TFloat64>) (Operand<?>) upstream.get(0);
      Operand<TFloat64> backprop = (Operand<TFloat64>) (Operand<?>) op.output(1);
      Operand<TFloat64> product = tf.math.mul(tf.expandDims(byRow, tf.constant(-1)), backprop);
      return List.of(tf.math.mul(product, tf.constant(scale)), tf.zerosLike(op.input(1)));
    };
  }

  /** Of logits 0, 0 and label 1. */
  private static String entropyGradient() {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat64> logits = graph.tf.constant(new double[][] {{0, 0}});
      Operand<TFloat64> loss =
          graph
              .tf
              .nn
              .sparseSoftmaxCrossEntropyWithLogits(logits, graph.tf.constant(new int[] {1}))
              .loss();
      double[] gradient = graph.run(graph.gradients(loss, List.of(logits)).get(0));
      return gradient[0] + " " + gradient[1];
    }
  }
}
