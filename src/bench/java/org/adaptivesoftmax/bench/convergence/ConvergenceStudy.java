package org.adaptivesoftmax.bench.convergence;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.training.TrainingConfiguration;

/**
 * Trains the same network with an adaptive and with a full softmax until validation perplexity no longer falls, the learning
 * rate chosen for each, and compares what they have come to on the test text.
 *
 * @param corpus what is learned
 * @param vocabularies a size and how many seeds; 0 for all words
 * @param maxEpochs where a search for the number of epochs ends
 * @param records where trainings are kept; those that are there are not done again
 * @param work for checkpoints, so that an interrupted training goes on after its last epoch
 * @param progress hears a line for each training and epoch
 */
public record ConvergenceStudy(
    Corpus corpus,
    List<Vocabulary> vocabularies,
    int maxEpochs,
    Path records,
    Path work,
    Consumer<String> progress) {
  private static final int TIMED_STEPS = 15;

  /**
   * A vocabulary.
   *
   * @param words the most frequent; 0 for all
   * @param seeds how many trainings with what was found best
   */
  public record Vocabulary(int words, int seeds) {
    /** Checks the values. */
    public Vocabulary {
      Require.argument(words >= 0, "words must be at least 0: %s", words);
      Require.argument(seeds >= 1, "seeds must be at least 1: %s", seeds);
    }
  }

  /** Checks the values. */
  public ConvergenceStudy {
    vocabularies = List.copyOf(vocabularies);
    Require.argument(maxEpochs >= 1, "maxEpochs must be at least 1: %s", maxEpochs);
  }

  /**
   * Does what is not done yet.
   *
   * @throws InterruptedException if the thread is interrupted; the epochs that are done are kept
   */
  public ConvergenceReport run() throws IOException, InterruptedException {
    List<ConvergenceReport.Comparison> comparisons = new ArrayList<>();
    for (Vocabulary vocabulary : vocabularies) {
      comparisons.add(compare(vocabulary));
    }
    return new ConvergenceReport(comparisons);
  }

  private ConvergenceReport.Comparison compare(Vocabulary vocabulary)
      throws IOException, InterruptedException {
    Trainings trainings =
        new Trainings(corpus, vocabulary.words(), new TrialFiles(records), work, progress);
    LayerCourse adaptive = course(trainings, vocabulary, Softmax.ADAPTIVE);
    LayerCourse full = course(trainings, vocabulary, Softmax.FULL);
    return ConvergenceReport.compare(adaptive, full, trainings.times(TIMED_STEPS));
  }

  private LayerCourse course(Trainings trainings, Vocabulary vocabulary, Softmax softmax)
      throws IOException, InterruptedException {
    double rate = TrainingConfiguration.builder().build().learningRate().first();
    Trial best =
        new Search(trainings, maxEpochs).best(new Trial(vocabulary.words(), softmax, rate, 1, 0));
    List<TrialResult> bySeed = new ArrayList<>();
    for (long seed = 0; seed < vocabulary.seeds(); seed++) {
      bySeed.add(trainings.result(best.withSeed(seed)));
    }
    List<TrialResult> shorter = new ArrayList<>();
    for (int epochs = 1; epochs <= best.epochs(); epochs++) {
      shorter.add(trainings.result(best.withEpochs(epochs)));
    }
    return new LayerCourse(bySeed, shorter);
  }
}
