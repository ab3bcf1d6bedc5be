import java.nio.file.Path;
import java.util.Random;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.pytorch.PyTorchWeights;
import org.adaptivesoftmax.pytorch.PyTorchWriter;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.adaptivesoftmax.pytorch.SafetensorsType;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Loads a state dict into a layer, trains it for a few steps, writes it, loads what was written, and prints what the layer
 * then answers: a line of inputs and a line of log-probabilities for each row.
 *
 * <p>java TrainOn.java IN.safetensors OUT.safetensors TYPE PREFIX
 */
public class TrainOn {
  private static final int ROWS = 7;
  private static final int STEPS = 3;

  public static void main(String[] args) throws Exception {
    Path out = Path.of(args[1]);
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        Safetensors file = Safetensors.open(Path.of(args[0]))) {
      Ops tf = Ops.create(graph);
      PyTorchWeights weights = PyTorchWeights.find(file);
      AdaptiveSoftmax<TFloat32> softmax = weights.layer().build(tf);
      Random random = new Random(1);
      float[] inputs = new float[ROWS * softmax.inFeatures()];
      for (int i = 0; i < inputs.length; i++) {
        inputs[i] = (float) random.nextGaussian();
      }
      long[] targets = random.longs(ROWS, 0, softmax.nClasses()).toArray();
      Operand<TFloat32> rows =
          tf.constant(Shape.of(ROWS, softmax.inFeatures()), DataBuffers.of(inputs));
      Operand<TInt64> classes = tf.constant(targets);
      Op step = new GradientDescent(graph, 1f).minimize(softmax.call(tf, rows, classes).loss());
      Operand<?> logProb = softmax.logProb(tf, rows);
      session.initialize();
      weights.load(file, session, softmax);
      for (int i = 0; i < STEPS; i++) {
        session.run(step);
      }
      PyTorchWriter.builder(session, softmax)
          .type(SafetensorsType.valueOf(args[2]))
          .prefix(args[3])
          .build()
          .write(out);
      try (Safetensors written = Safetensors.open(out)) {
        PyTorchWeights.find(written).load(written, session, softmax);
      }
      try (Result result = session.runner().fetch(logProb).run()) {
        print(inputs, (TFloat32) result.get(0));
      }
    }
  }

  private static void print(float[] inputs, TFloat32 logProb) {
    int inFeatures = inputs.length / ROWS;
    for (int row = 0; row < ROWS; row++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < inFeatures; i++) {
        text.append(inputs[row * inFeatures + i]).append(' ');
      }
      text.append('\n');
      for (long i = 0; i < logProb.shape().get(1); i++) {
        text.append(logProb.getFloat(row, i)).append(' ');
      }
      System.out.println(text);
    }
  }
}
