package examples.pytorch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.pytorch.PyTorchWeights;
import org.adaptivesoftmax.pytorch.PyTorchWriter;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Trains a PyTorch layer on: reads its state dict, sees new data, and writes the state dict that PyTorch loads again.
 *
 * <pre>
 * module.load_state_dict(safetensors.torch.load_file("trained.safetensors"))
 * </pre>
 */
public final class TrainOn {
  private static final Path SAMPLE = Path.of("../../src/test/resources/pytorch/module.safetensors");
  private static final int BATCH = 64;
  private static final int STEPS = 400;

  private TrainOn() {}

  /**
   * The loss on data that was not trained on.
   *
   * @param before of the layer as PyTorch wrote it
   * @param after training
   */
  public record Outcome(double before, double after) {}

  public static Outcome run(Path in, Path out) throws IOException {
    try (Safetensors file = Safetensors.open(in);
        Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      PyTorchWeights weights = PyTorchWeights.find(file);
      AdaptiveSoftmax<TFloat32> softmax = weights.layer().build(tf);
      Operand<TFloat32> hidden =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, softmax.inFeatures())));
      Operand<TInt64> target = tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(-1)));
      Operand<?> loss = softmax.call(tf, hidden, target).loss();
      Op step = new Adam(graph, 0.01f).minimize(loss);
      session.initialize(); // Adam's variables
      weights.load(file, session, softmax);

      HiddenStates data = new HiddenStates(softmax.inFeatures(), softmax.nClasses());
      HiddenStates.Batch unseen = data.batch(1_000, new Random(2));
      double before = run(session, hidden, target, loss, step, unseen, false);
      Random random = new Random(1);
      for (int i = 0; i < STEPS; i++) {
        run(session, hidden, target, loss, step, data.batch(BATCH, random), true);
      }
      double after = run(session, hidden, target, loss, step, unseen, false);
      System.out.printf("loss %.3f before, %.3f after %d steps%n", before, after, STEPS);

      PyTorchWriter.builder(session, softmax).prefix(weights.prefix()).build().write(out);
      System.out.println("written: " + out);
      return new Outcome(before, after);
    }
  }

  private static double run(
      Session session,
      Operand<TFloat32> hidden,
      Operand<TInt64> target,
      Operand<?> loss,
      Op step,
      HiddenStates.Batch batch,
      boolean training) {
    try (TFloat32 states = TFloat32.tensorOf(StdArrays.ndCopyOf(batch.states()));
        TInt64 classes = TInt64.vectorOf(batch.classes())) {
      Session.Runner runner =
          session.runner().feed(hidden, states).feed(target, classes).fetch(loss);
      if (training) {
        runner.addTarget(step);
      }
      try (Result result = runner.run()) {
        return ((TFloat32) result.get(0)).getFloat();
      }
    }
  }

  public static void main(String[] args) throws IOException {
    run(
        args.length > 0 ? Path.of(args[0]) : SAMPLE,
        args.length > 1
            ? Path.of(args[1])
            : Files.createTempDirectory("pytorch").resolve("trained.safetensors"));
  }
}
