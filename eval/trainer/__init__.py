"""What the trainers' page shows and does; ``eval/panel.py`` puts it into gradio."""
