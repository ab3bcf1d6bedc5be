package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.bench.LanguageModelSpec.Course;
import org.adaptivesoftmax.bench.LanguageModelSpec.Source;
import org.adaptivesoftmax.cluster.TailSplit;
import org.adaptivesoftmax.distributed.ClusterDefinition;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.TrainingConfiguration;

/**
 * What a process of {@code bench distributed} takes part in. It is the first line that it reads, as one JSON object with keys
 * in snake case.
 *
 * @param jobs addresses of the cluster; empty for one process by itself
 * @param place of this process in it
 * @param source what is learned
 * @param network what learns it
 * @param course how, with the batch of all replicas
 */
record ClusterSpec(
    Map<String, List<String>> jobs,
    @JsonUnwrapped Place place,
    @JsonUnwrapped Source source,
    @JsonUnwrapped Network network,
    @JsonUnwrapped Course course) {
  /**
   * A process's place.
   *
   * @param job of the cluster
   * @param task its number
   * @param replicas in all
   * @param threads of this process
   */
  record Place(String job, int task, int replicas, int threads) {}

  /**
   * What learns.
   *
   * @param vocabulary number of words
   * @param embedding width of a word's row
   * @param width of the LSTM
   * @param cutoffs of the adaptive softmax
   * @param divValue factor by which its tail projections narrow
   */
  record Network(int vocabulary, int embedding, int width, List<Integer> cutoffs, double divValue) {
    static Network of(LanguageModelConfiguration model) {
      return new Network(
          model.vocabulary(),
          model.embedding(),
          model.hidden(),
          model.plan().cutoffs(),
          model.plan().divValue());
    }
  }

  LanguageModelConfiguration model() {
    return LanguageModelConfiguration.builder()
        .vocabulary(network.vocabulary)
        .cutoffs(network.cutoffs)
        .divValue(network.divValue)
        .embedding(network.embedding)
        .hidden(network.width)
        .build();
  }

  /** That of one replica. */
  TrainingConfiguration training() {
    return TrainingConfiguration.builder()
        .batch(course.batch() / place.replicas)
        .steps(course.steps())
        .learningRate(course.learningRate())
        .build();
  }

  LanguageModelText text() throws IOException {
    return WrittenText.read(Path.of(source.text()), source.boundary());
  }

  /** All tail clusters on the one tail task, if there is one. */
  TailSplit tails() {
    return jobs.containsKey(ClusterDefinition.TAIL)
        ? new TailSplit(1, Collections.nCopies(network.cutoffs.size(), 0))
        : TailSplit.NONE;
  }
}
