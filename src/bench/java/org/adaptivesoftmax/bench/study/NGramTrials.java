package org.adaptivesoftmax.bench.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.training.ClassMetrics;
import org.adaptivesoftmax.training.ClassifierData;
import org.adaptivesoftmax.training.ClassifierListener;
import org.adaptivesoftmax.training.ClassifierListener.Epoch;
import org.adaptivesoftmax.training.ClassifierTrainer;
import org.adaptivesoftmax.training.ClassifierTraining;

/** Runs of a classifier of a bag of n-grams. */
public final class NGramTrials implements Trials {
  @Override
  public List<Variant> variants(double delta) {
    return Variant.all(delta);
  }

  @Override
  public String description(Variant variant, StudySettings settings) {
    return training(variant, settings.epochs()).toString();
  }

  @Override
  public Trial open(StudyData data, StudySettings settings)
      throws IOException, InterruptedException {
    ClassifierData read = data.read();
    // The first training of a process is slower, and is not measured.
    trained(read, training(variants(settings.delta()).get(0), 1), 1);
    return (variant, seed) -> trained(read, training(variant, settings.epochs()), seed);
  }

  private static ClassifierTraining training(Variant variant, int epochs) {
    return ClassifierTraining.builder()
        .epochs(epochs)
        .patience(epochs)
        .loss(variant.loss())
        .build();
  }

  private static Result trained(ClassifierData data, ClassifierTraining training, long seed)
      throws InterruptedException {
    TextClassifierConfiguration configuration =
        TextClassifierConfiguration.builder()
            .ngrams(data.vocabulary().size())
            .classes(data.labels().size())
            .seed(seed)
            .build();
    List<Epoch> epochs = new ArrayList<>();
    ClassifierListener recorder =
        new ClassifierListener() {
          @Override
          public void epochDone(Epoch epoch) {
            epochs.add(epoch);
          }
        };
    try (ClassifierTrainer trainer =
        new ClassifierTrainer(configuration, training, data.train(), data.validation())) {
      Epoch best = trainer.train(recorder);
      ClassMetrics test = trainer.evaluate(data.test());
      return new Result(StudyRun.Best.of(best, test, epochs), StudyRun.Epochs.of(epochs), null);
    }
  }
}
