package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.FirstSession.Threaded;
import org.adaptivesoftmax.cli.PlanResult.Migrated;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.cluster.PlanCosts;
import org.adaptivesoftmax.cluster.PlanReport;
import org.adaptivesoftmax.cluster.ProductTimes;
import org.adaptivesoftmax.cluster.ServingCost;
import org.adaptivesoftmax.cluster.StablePlan;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Chooses cutoffs from counts. */
@Command(
    name = "plan",
    description = {
      "Choose cutoffs from counts by what a layer is expected to cost, and report what each cluster gets"
          + " and costs.",
      "The expected time is that of a training step, or with --objective serving of a batch's top"
          + " k."
    })
final class PlanCommand implements Callable<CommandResult>, Threaded {
  @Option(
      names = "--counts",
      required = true,
      paramLabel = "DIR",
      description = "Counts of the text, as count writes them.")
  private Path counts;

  @Option(
      names = "--in-features",
      required = true,
      paramLabel = "N",
      description = "Width of the layer's input.")
  private int inFeatures;

  @Option(
      names = "--objective",
      paramLabel = "KIND",
      converter = Choice.OfObjective.class,
      completionCandidates = Choice.OfObjective.class,
      description =
          "What is to be cheap: training, serving, or both, which adds up their ratios to a full"
              + " softmax (default: training).")
  private PlanObjective objective = PlanObjective.TRAINING;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Rows of a training step: sequences × steps (default: ${DEFAULT-VALUE}).")
  private int batch = 640;

  @Option(
      names = "--serving-batch",
      paramLabel = "N",
      description = "Rows of a served batch (default: ${DEFAULT-VALUE}).")
  private int servingBatch = 16;

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "How many classes a served row asks for (default: ${DEFAULT-VALUE}).")
  private int top = 10;

  @Option(
      names = "--tails",
      paramLabel = "N",
      description = "Number of tail clusters, at most 4 (default: chosen).")
  private @Nullable Integer tails;

  @Option(
      names = "--previous",
      paramLabel = "DIR",
      description =
          "A model, or the counts that the last plan was made from: a token keeps its cluster unless"
              + " its count lies beyond the cutoff by more than its sampling error, and the plan as"
              + " long as it costs at most 0.5 %% more.")
  private @Nullable Path previous;

  @Option(
      names = "--plot",
      paramLabel = "FILE.png",
      description = "Also draw each cluster's share of the tokens and of the cost.")
  private @Nullable Path plot;

  @Mixin private final ProductOptions products = new ProductOptions();

  @Override
  public int threads() {
    return products.threads();
  }

  @Override
  public CommandResult call() throws IOException, InterruptedException {
    LearningOptions.atLeast1("--in-features", inFeatures);
    CostModel training = CostModel.ofBatch(LearningOptions.atLeast1("--batch", batch));
    ServingCost serving =
        ServingCost.of(
            LearningOptions.atLeast1("--serving-batch", servingBatch),
            LearningOptions.atLeast1("--top", top));
    planner(training);
    if (plot != null) {
      OptionalLibrary.XCHART.require("the plot");
      OutputDirectory.ofFile(plot);
    }
    Vocabulary vocabulary = Vocabulary.of(new CountsDirectory(counts).readWords());
    ProductTimes times = products.measured();
    Timed timed =
        times == null
            ? new Timed(training, serving, products.perMultiplyAddMs())
            : new Timed(training.measured(times), serving.measured(times), 1);
    PlanResult result = plan(vocabulary, timed);
    if (plot != null) {
      PlanPlot.write(result.report(), plot);
    }
    return result;
  }

  /**
   * Both costs, in a unit of so many milliseconds.
   *
   * @param unitMs 1, or the time of a multiply-add
   */
  private record Timed(PlanCosts training, PlanCosts serving, double unitMs) {}

  private PlanResult plan(Vocabulary vocabulary, Timed timed) throws IOException {
    PlanCosts costs = objective.of(timed.training, timed.serving);
    CutoffPlanner planner = planner(costs);
    ClusterPlan plan = planner.plan(vocabulary.counts());
    long[] countsByRank = vocabulary.counts();
    Migrated migrated = null;
    if (previous != null) {
      PreviousPlan before = PreviousPlan.read(previous, inFeatures, planner);
      StablePlan renewed = before.renew(vocabulary, plan, costs);
      migrated = before.migrated(vocabulary, plan, renewed, costs);
      plan = renewed.plan();
      countsByRank = PreviousPlan.countsByRank(vocabulary, renewed);
    }
    PlanCosts reported = objective.timed(timed.training, timed.serving);
    double cost = PlanReport.inOrder(plan, countsByRank, reported).expectedCost();
    return new PlanResult(
        PlanReport.inOrder(plan, countsByRank, costs), cost * timed.unitMs, migrated);
  }

  private CutoffPlanner planner(PlanCosts costs) {
    CutoffPlanner.Builder planner = CutoffPlanner.builder(inFeatures, costs);
    if (tails != null) {
      Require.argument(
          tails >= 1 && tails <= CutoffPlanner.MAX_TAILS,
          "--tails must be in 1..%d: %d",
          CutoffPlanner.MAX_TAILS,
          tails);
      planner.tails(tails);
    }
    return planner.build();
  }
}
