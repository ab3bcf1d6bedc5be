package org.adaptivesoftmax.training;

import java.io.IOException;
import java.util.Arrays;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.Lstm;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.training.Feeds.CarriedState;
import org.adaptivesoftmax.training.TokenStream.Window;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A language model that reads text, in a graph and a session of its own: the hidden state before each word, which the output
 * layer predicts the word from. Every word is met once, in as many parallel streams as in training.
 */
public final class LanguageModelReader implements AutoCloseable {
  private static final int BATCH = 32;
  private static final int STEPS = 20;

  private final LanguageModelConfiguration configuration;
  private final int boundary;
  private final Graph graph = new Graph();
  private final Session session;
  private final Feeds feeds;
  private final Operand<TFloat32> rows;
  private final Lstm.State last;

  /** Takes hidden states. */
  @FunctionalInterface
  public interface Rows {
    /**
     * Takes those of one window.
     *
     * @param hidden a row for each word, [words, hidden]
     * @param words the word that comes after each
     */
    void accept(float[] hidden, int[] words) throws IOException;
  }

  /**
   * Builds the model.
   *
   * @param boundary the word that ends each sentence, and precedes the first
   */
  public LanguageModelReader(ModelWeights weights, int boundary) {
    this.configuration = weights.configuration();
    this.boundary = boundary;
    Ops tf = Ops.create(graph);
    LanguageModel model = LanguageModel.create(tf, configuration);
    feeds = Feeds.create(tf, BATCH, configuration.hidden());
    Lstm.Pass pass = model.recur(tf, model.embed(tf, feeds.inputs()), feeds.initial(), BATCH);
    rows = model.rows(tf, pass);
    last = pass.last();
    session = new Session(graph);
    weights.assign(session, model);
  }

  /**
   * Reads a text.
   *
   * @param words the text
   * @param atMost about how many words to read at most: whole windows, spread evenly over the text, each after the one
   *     before it has been read for its state
   * @throws IOException if the action fails
   */
  public void forEach(int[] words, int atMost, Rows action) throws IOException {
    TokenStream stream = new TokenStream(words, boundary, BATCH, STEPS);
    int windows = stream.evaluationWindows();
    int wanted = Math.max(1, Math.min(windows, atMost / (BATCH * STEPS)));
    CarriedState state = CarriedState.zero(BATCH, configuration.hidden());
    try {
      for (int index = 0; index < windows; index++) {
        // The windows at which index · wanted / windows grows by one are wanted; what comes before
        // them is context.
        boolean taken = (long) (index + 1) * wanted / windows > (long) index * wanted / windows;
        boolean context =
            (long) (index + 2) * wanted / windows > (long) (index + 1) * wanted / windows;
        if (taken || context) {
          CarriedState next = read(stream.evaluationWindow(index), state, taken, action);
          state.close();
          state = next;
        }
      }
    } finally {
      state.close();
    }
  }

  private CarriedState read(Window window, CarriedState state, boolean taken, Rows action)
      throws IOException {
    try (TInt32 inputs = Feeds.vector(window.inputs());
        TInt32 targets = Feeds.vector(window.targets())) {
      Result result =
          feeds
              .feed(session.runner(), inputs, targets, state)
              .fetch(rows)
              .fetch(last.hidden())
              .fetch(last.cell())
              .run();
      CarriedState next = CarriedState.of(result.get(1), result.get(2));
      try (Tensor tensor = result.get(0)) {
        if (taken) {
          float[] hidden = new float[Math.toIntExact(tensor.shape().size())];
          tensor.asRawTensor().data().asFloats().read(hidden);
          passOn(hidden, window.targets(), action);
        }
      } catch (Throwable failure) {
        next.close();
        throw failure;
      }
      return next;
    }
  }

  /** Leaves out the places that have no word after them. */
  private void passOn(float[] hidden, int[] targets, Rows action) throws IOException {
    int width = configuration.hidden();
    int kept = 0;
    int[] words = targets.clone();
    for (int row = 0; row < targets.length; row++) {
      if (targets[row] != TokenStream.NO_TARGET) {
        System.arraycopy(hidden, row * width, hidden, kept * width, width);
        words[kept++] = targets[row];
      }
    }
    action.accept(Arrays.copyOf(hidden, kept * width), Arrays.copyOf(words, kept));
  }

  @Override
  public void close() {
    try (graph;
        session) {
      // Closed in this order: the session first.
    }
  }
}
