package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.decoding.SampleOptions;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.model.Lstm;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * An exported language model's weights, in a graph where its output layer can be timed, and its hidden states amid text that
 * it draws itself.
 */
final class TrainedModel {
  /** Words after which a text's place within its sentence no longer tells where it began. */
  private static final int WORDS = 20;

  private final Ops tf;
  private final Session session;
  private final LanguageModel model;
  private final int boundary;

  private TrainedModel(Ops tf, Session session, LanguageModel model, int boundary) {
    this.tf = tf;
    this.session = session;
    this.model = model;
    this.boundary = boundary;
  }

  /**
   * What a version says of itself.
   *
   * @param version its directory
   * @throws IllegalArgumentException if it is no language model with an adaptive softmax
   */
  static LanguageModelConfiguration configuration(Path version) throws IOException {
    PublishedLanguageModel published = PublishedLanguageModel.read(version);
    LanguageModelConfiguration configuration = published.configuration();
    Require.argument(
        configuration.softmax() == Softmax.ADAPTIVE,
        "softmax must be adaptive: %s in %s",
        configuration.softmax(),
        version);
    Require.argument(
        published.tailWeights() == TailWeights.FLOAT32,
        "tail weights must be float32: %s in %s",
        published.tailWeights(),
        version);
    return configuration;
  }

  /** Adds the model to a graph without variables, and reads its weights. */
  static TrainedModel restored(Ops tf, Session session, Path version) throws IOException {
    LanguageModel model = LanguageModel.create(tf, configuration(version));
    session.restore(version.resolve("variables").resolve("variables").toString());
    Path words = version.resolve(ModelDirectory.VOCABULARY);
    return new TrainedModel(tf, session, model, Vocabulary.read(words).boundaryRank());
  }

  /** The layer that is timed. */
  OutputLayer<TFloat32> layer() {
    return model.output();
  }

  /**
   * Sets a variable to hidden states, one text a row.
   *
   * @param input [rows, hidden]
   */
  void assignStates(Variable<TFloat32> input) {
    int rows = (int) input.shape().get(0);
    Shape states = Shape.of(rows, model.lstm().hidden());
    Placeholder<TInt32> word = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(rows)));
    Placeholder<TFloat32> hidden = tf.placeholder(TFloat32.class, Placeholder.shape(states));
    Placeholder<TFloat32> cell = tf.placeholder(TFloat32.class, Placeholder.shape(states));
    Placeholder<TInt64> seed = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
    Lstm.Pass pass = model.recur(tf, model.embed(tf, word), new Lstm.State(hidden, cell), rows);
    Lstm.State last = pass.last();
    Operand<TInt32> next =
        tf.dtypes.cast(
            model
                .output()
                .sample(tf, model.rows(tf, pass), SampleOptions.defaults(), seed)
                .classes(),
            TInt32.class);
    Op assign = tf.assign(input, hidden);
    List<Tensor> starts =
        List.of(
            TInt32.tensorOf(Shape.of(rows), t -> t.scalars().forEach(s -> s.setInt(boundary))),
            TFloat32.tensorOf(states, t -> t.scalars().forEach(s -> s.setFloat(0))),
            TFloat32.tensorOf(states, t -> t.scalars().forEach(s -> s.setFloat(0))));
    List<Result> results = new ArrayList<>();
    try {
      for (int step = 0; step < WORDS; step++) {
        List<Tensor> before = step == 0 ? starts : tensors(results.get(step - 1));
        try (TInt64 drawn = TInt64.scalarOf(step)) {
          results.add(
              session
                  .runner()
                  .feed(word, before.get(0))
                  .feed(hidden, before.get(1))
                  .feed(cell, before.get(2))
                  .feed(seed, drawn)
                  .fetch(next)
                  .fetch(last.hidden())
                  .fetch(last.cell())
                  .run());
        }
      }
      Tensor reached = results.get(WORDS - 1).get(1);
      session.runner().feed(hidden, reached).addTarget(assign).run().close();
    } finally {
      starts.forEach(Tensor::close);
      results.forEach(Result::close);
    }
  }

  private static List<Tensor> tensors(Result result) {
    return List.of(result.get(0), result.get(1), result.get(2));
  }
}
