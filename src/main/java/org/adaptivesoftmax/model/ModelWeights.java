package org.adaptivesoftmax.model;

import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * The values of a language model's variables, in memory, outside any graph. Arrays are not copied: whoever changes one changes
 * the weights.
 */
public final class ModelWeights {
  private static final String EMBEDDING = "embedding";
  private static final String LSTM_WEIGHTS = "lstm.weights";
  private static final String LSTM_BIAS = "lstm.bias";

  private final LanguageModelConfiguration configuration;
  private final Map<String, float[]> values;

  private ModelWeights(LanguageModelConfiguration configuration, Map<String, float[]> values) {
    this.configuration = configuration;
    this.values = values;
  }

  /**
   * A value for each of a model's variables.
   *
   * @param values by the names of {@link #variables}; not copied
   * @throws IllegalArgumentException if the names or the numbers of values are not the model's
   */
  public static ModelWeights of(
      LanguageModelConfiguration configuration, Map<String, float[]> values) {
    Map<String, float[]> ordered = new LinkedHashMap<>();
    try (Graph graph = new Graph()) {
      variables(LanguageModel.create(Ops.create(graph), configuration))
          .forEach(
              (name, variable) -> {
                Require.argument(
                    values.containsKey(name), "values have no %s: %s", name, values.keySet());
                float[] value = Objects.requireNonNull(values.get(name), name);
                Require.argument(
                    value.length == variable.shape().size(),
                    "%s must have %d values: %d",
                    name,
                    variable.shape().size(),
                    value.length);
                ordered.put(name, value);
              });
    }
    Require.argument(
        ordered.keySet().containsAll(values.keySet()),
        "values must be of %s: %s",
        ordered.keySet(),
        values.keySet());
    return new ModelWeights(configuration, ordered);
  }

  /**
   * Reads what a session holds.
   *
   * @param session of the model's graph
   */
  public static ModelWeights read(Session session, LanguageModel model) {
    return read(session, model.configuration(), variables(model));
  }

  /**
   * Reads variables that belong to a model's, as an optimizer has them.
   *
   * @param variables by the names of {@link #variables(LanguageModel)}, of the same shapes
   */
  public static ModelWeights read(
      Session session,
      LanguageModelConfiguration configuration,
      Map<String, Variable<TFloat32>> variables) {
    Map<String, float[]> values = new LinkedHashMap<>();
    variables.forEach(
        (name, variable) -> {
          try (Result result = session.runner().fetch(variable.op().name()).run();
              Tensor tensor = result.get(0)) {
            float[] read = new float[Math.toIntExact(tensor.shape().size())];
            tensor.asRawTensor().data().asFloats().read(read);
            values.put(name, read);
          }
        });
    return new ModelWeights(configuration, values);
  }

  /**
   * Reads what a session saved.
   *
   * @param prefix what {@link Session#save} was given
   * @throws IllegalArgumentException if there are no such weights, or they do not fit the configuration
   */
  public static ModelWeights read(Path prefix, LanguageModelConfiguration configuration) {
    Path index = prefix.resolveSibling(prefix.getFileName() + ".index");
    Require.argument(Files.isRegularFile(index), "no such weights: %s", prefix);
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      LanguageModel model = LanguageModel.create(Ops.create(graph), configuration);
      session.restore(prefix.toString());
      return read(session, model);
    } catch (TensorFlowException e) {
      throw new IllegalArgumentException(
          "weights %s do not fit the model: %s".formatted(prefix, e.getMessage()), e);
    }
  }

  /** The starting values of a configuration, by its seed. */
  public static ModelWeights initial(LanguageModelConfiguration configuration) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      LanguageModel model = LanguageModel.create(Ops.create(graph), configuration);
      session.initialize();
      return read(session, model);
    }
  }

  /** Gives the variables of a session's graph these values. The operations stay in the graph. */
  public void assign(Session session, LanguageModel model) {
    assign(session, variables(model));
  }

  /** Gives such variables these values. The operations stay in the graph. */
  public void assign(Session session, Map<String, Variable<TFloat32>> variables) {
    Ops tf = Ops.create(session.graph()).withSubScope("assign");
    variables.forEach(
        (name, variable) -> {
          float[] value = get(name);
          Placeholder<TFloat32> fed =
              tf.placeholder(TFloat32.class, Placeholder.shape(variable.shape()));
          try (TFloat32 tensor =
              TFloat32.tensorOf(variable.shape(), DataBuffers.of(FloatBuffer.wrap(value)))) {
            session.runner().feed(fed, tensor).addTarget(tf.assign(variable, fed)).run().close();
          }
        });
  }

  /**
   * Saves the values as a session of the model does.
   *
   * @param prefix of the files; their directory must exist
   */
  public void save(Path prefix) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      assign(session, LanguageModel.create(Ops.create(graph), configuration));
      session.save(prefix.toString());
    }
  }

  /** A model's variables by their names here. */
  public static Map<String, Variable<TFloat32>> variables(LanguageModel model) {
    Map<String, Variable<TFloat32>> variables = new LinkedHashMap<>();
    variables.put(EMBEDDING, model.embedding().rows());
    variables.put(LSTM_WEIGHTS, model.lstm().weights());
    variables.put(LSTM_BIAS, model.lstm().bias());
    variables.putAll(model.output().parameters());
    return variables;
  }

  /** The model that these are the weights of. */
  public LanguageModelConfiguration configuration() {
    return configuration;
  }

  /** The input rows, [vocabulary, embedding]. */
  public float[] embedding() {
    return get(EMBEDDING);
  }

  /**
   * A variable of the output layer.
   *
   * @param name as {@link org.adaptivesoftmax.OutputLayer#parameters} has it
   */
  public float[] output(String name) {
    return get(name);
  }

  /** All values by name; the arrays are the weights' own. */
  public Map<String, float[]> values() {
    return Collections.unmodifiableMap(values);
  }

  /** The names of the output layer's variables. */
  public List<String> outputNames() {
    List<String> names = new ArrayList<>(values.keySet());
    names.removeAll(List.of(EMBEDDING, LSTM_WEIGHTS, LSTM_BIAS));
    return names;
  }

  /** Copies the recurrent part of a model of the same widths, which no word has a row in. */
  public void copyLstm(ModelWeights other) {
    for (String name : List.of(LSTM_WEIGHTS, LSTM_BIAS)) {
      float[] from = other.get(name);
      float[] to = get(name);
      Require.argument(
          from.length == to.length, "%s must have %d values: %d", name, to.length, from.length);
      System.arraycopy(from, 0, to, 0, from.length);
    }
  }

  private float[] get(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }
}
