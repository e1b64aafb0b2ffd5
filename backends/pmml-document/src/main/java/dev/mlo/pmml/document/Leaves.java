package dev.mlo.pmml.document;

import java.util.List;

/// The nodes of classification trees at which a row may end. "If this Node has no score attribute,
/// then the highest recordCount in the ScoreDistribution determines which value is selected as the
/// predicted class" (PMML 4.4); the engine predicts nothing then.
final class Leaves {
  private boolean classifies;

  /// Whether a row may also end at a node that has branches.
  private boolean everywhere;

  /// The depth of the last node without a score, which has a distribution; 0: there is none.
  private int open;

  private int depth;
  private boolean isScored;
  private boolean found;

  void see(String element, Elements in) {
    switch (element) {
      case "TreeModel" -> {
        close(0);
        classifies = in.attribute("functionName", "").equals("classification");
        everywhere =
            in.attribute("noTrueChildStrategy", "").equals("returnLastPrediction")
                || in.attribute("missingValueStrategy", "").equals("lastPrediction");
      }
      case "Node" -> {
        close(in.depth());
        depth = in.depth();
        isScored = in.attribute("score") != null;
      }
      case "ScoreDistribution" -> {
        if (classifies && !isScored && in.depth() == depth + 1) {
          open = depth;
        }
      }
      default -> {}
    }
  }

  /// @param next the depth of the node that follows: one within the open one is its branch
  private void close(int next) {
    found |= open > 0 && (everywhere || next <= open);
    open = 0;
  }

  /// What the engine would answer otherwise, when the whole document was seen.
  List<String> objections() {
    close(0);
    return found
        ? List.of(
            "the engine predicts nothing at a node of a classification tree that has a"
                + " ScoreDistribution and no score; give it the score with the most records")
        : List.of();
  }
}
