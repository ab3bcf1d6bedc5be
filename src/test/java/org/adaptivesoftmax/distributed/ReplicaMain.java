package org.adaptivesoftmax.distributed;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.adaptivesoftmax.cluster.TailSplit;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.Replica;
import org.adaptivesoftmax.training.TrainingListener;
import org.tensorflow.exceptions.TensorFlowException;

/** A replica of {@link TinyTraining}; standard output has its losses, and last its validation perplexity. */
final class ReplicaMain {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private ReplicaMain() {}

  /**
   * @param args the cluster, the replica's number, where its weights are saved, the seed of its text, dropout
   */
  public static void main(String[] args) throws Exception {
    ClusterDefinition cluster = FreePorts.split(args[0]);
    int index = Integer.parseInt(args[1]);
    int count = cluster.replicas().size();
    ClusterTask task = ClusterTask.start(cluster, ClusterDefinition.COMPUTE, index, TIMEOUT, 1);
    task.awaitOthers(Duration.ofSeconds(60));
    int code = 0;
    try (LanguageModelTrainer trainer =
        LanguageModelTrainer.replica(
            TinyTraining.model(Double.parseDouble(args[4])),
            TinyTraining.training(TinyTraining.STREAMS / count),
            TinyTraining.text(Long.parseLong(args[3])),
            new Replica(index, count, TIMEOUT, TailSplit.NONE),
            task::localSession)) {
      train(trainer, Path.of(args[2]));
    } catch (TensorFlowException e) {
      System.out.println(ClusterException.of(e).getMessage());
      code = 1;
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage());
      code = 2;
    }
    System.out.flush();
    Runtime.getRuntime().halt(code);
  }

  private static void train(LanguageModelTrainer trainer, Path weights) throws Exception {
    List<Double> losses = new ArrayList<>();
    double[] perplexity = new double[1];
    trainer.train(
        Optional.empty(),
        new TrainingListener() {
          @Override
          public void stepDone(Step step) {
            losses.add(step.loss());
          }

          @Override
          public void epochDone(Epoch epoch) {
            perplexity[0] = epoch.validation().total();
          }
        });
    trainer.save(weights);
    losses.forEach(System.out::println);
    System.out.println(perplexity[0]);
  }
}
