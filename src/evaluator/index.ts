export { defineEvaluator, type Evaluator, type EvaluatorContext, type ProgressTeller } from './define-evaluator.ts';
